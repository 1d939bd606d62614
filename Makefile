# godwit's only makefile. What can be made:
#   all, cross, bios     the program for this machine, for mips64el; the firmware
#   run [GUEST=name]     a guest under the mips64el program, Debian's shell without a name
#   check, check-all     the tests; every guest on every CPU model (resumes where it was stopped)
#   unit, lint           unit and device tests of one TARGET (host, mips64el; SAN=1); rules of the source
#   silicon, fuzz        CASES=n SEED=s: against this machine's CPU; random bytes and port traffic
#   oracle               all witnesses from outside, this machine's CPU and recorded ones
#   bench [QUICK=1]      counts executed instructions against QEMU's and native code (docs/perf.md)
# Objects go below out/<target>/. WERROR= makes warnings harmless.
NATIVE  := $(filter mips64%,$(shell uname -m))
TARGET  ?= host
WERROR  ?= -Werror
OUT     ?= out/$(TARGET)$(if $(SAN),-san)
ifeq ($(TARGET)$(NATIVE),mips64el)
CROSS   ?= mips64el-linux-gnuabi64-
SYSROOT := out/sysroot-mips64el
ARCH    := -march=mips64r2 -mabi=64 -isystem $(SYSROOT)/usr/include \
           -isystem $(SYSROOT)/usr/include/mips64el-linux-gnuabi64
LDFLAGS += -static -L$(SYSROOT)/usr/lib/mips64el-linux-gnuabi64
QEMU    ?= qemu-mips64el -cpu MIPS64R2-generic
endif
# Words that align the start of a loop would be executed on the way into it.
ifneq ($(NATIVE)$(filter mips64el,$(TARGET)),)
ARCH    += -fno-align-loops
endif
comma   := ,
# Without sibling calls, which the sanitizers prevent, threaded code would use the stack up.
SAN_FLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all \
             -DX86_THREADED=0)
CC      := $(CROSS)gcc
AR      := $(CROSS)ar
WARN    := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
CFLAGS  ?= -O2 -g
ALL_CFLAGS = -std=gnu11 $(ARCH) $(CFLAGS) $(WARN) -fno-strict-aliasing $(SAN_FLAGS) -I. -MMD -MP $(EXTRA)
LIBS    := -lz -lm

LIB_SRC := $(wildcard devmodel/*/*.c cpu-x86/*.c shadow-mmu/*.c dbt-mips64/*.c)
CMD_SRC := $(wildcard cmd/godwit/*.c)
AUX_SRC := $(filter-out $(wildcard tests/*/test_*.c),$(wildcard tests/unit/*.c tests/dev/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(OUT)/%.o)
CMD_OBJ := $(CMD_SRC:%.c=$(OUT)/%.o)
AUX_OBJ := $(AUX_SRC:%.c=$(OUT)/%.o)
TESTS   := $(patsubst %.c,$(OUT)/%,$(wildcard tests/unit/test_*.c tests/dev/test_*.c \
                                              tests/oracle/test_*.c))
HOSTCC  ?= gcc
BIOS    := out/bios/bios.bin

all: $(OUT)/godwit

cross:
	@$(MAKE) TARGET=mips64el all

bios: $(BIOS)

BIOS_SRC := $(wildcard bios/*.asm bios/*.inc)
FONTS    := $(foreach h,8 14 16,out/bios/font$h.bin)

out/bios/romtool: bios/romtool.c
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -O1 $(WARN) -o $@ $<

out/bios/font%.bin: bios/font.txt out/bios/romtool
	out/bios/romtool font $* $< $@

out/bios/vgabios.bin: bios/vgabios.asm $(BIOS_SRC) $(FONTS)
	nasm -f bin -Werror -w-reloc-abs -I bios/ -I out/bios/ -o $@ $<
	out/bios/romtool sum $@

out/bios/bios.bin: bios/bios.asm $(BIOS_SRC) $(FONTS) out/bios/vgabios.bin
	nasm -f bin -Werror -w-reloc-abs -I bios/ -I out/bios/ -o $@ $<

ifdef SYSROOT
$(SYSROOT)/ready:
	@cmd/setup/need.sh cross
	@cmd/setup/debs.sh mips64el $(@D) zlib1g-dev libffi-dev check libsubunit-dev
	@touch $@
endif

$(OUT)/libgodwit.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(OUT)/godwit: $(CMD_OBJ) $(OUT)/libgodwit.a
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(LIBS)

$(OUT)/%.o: %.c | $(if $(SYSROOT),$(SYSROOT)/ready)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(OUT)/cmd/godwit/firmware.o: $(BIOS)

$(OUT)/libcmd.a: $(filter-out %/main.o %/firmware.o,$(CMD_OBJ))
	@rm -f $@
	$(AR) rcs $@ $^

$(OUT)/libtest.a: $(AUX_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(OUT)/tests/%: tests/%.c $(OUT)/libtest.a $(OUT)/libcmd.a $(OUT)/libgodwit.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $(filter-out %.h %.def %.inc,$^) $(LDFLAGS) \
	    -lcheck -lsubunit -lrt -lpthread $(LIBS)

FUZZ    := $(OUT)/tests/fuzz/fuzz_ports

FUZZ_CPU := $(OUT)/tests/fuzz/fuzz_cpu

$(FUZZ): $(OUT)/tests/fuzz/drivers.o
$(FUZZ_CPU): $(OUT)/tests/fuzz/guest.o
$(FUZZ) $(FUZZ_CPU): %: %.o $(OUT)/libgodwit.a
	$(CC) $(ALL_CFLAGS) -o $@ $(filter-out %.a,$^) $(OUT)/libgodwit.a $(LDFLAGS) $(LIBS)

SILICON := $(OUT)/tests/oracle/silicon/silicon
SILICON_OBJ := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/oracle/silicon/*.c))

$(SILICON): $(SILICON_OBJ) $(OUT)/libtest.a $(OUT)/libgodwit.a
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lcheck -lsubunit -lrt -lpthread $(LIBS)

SEGMENTS := $(OUT)/tests/oracle/segments/segments
SEGMENTS_OBJ := $(patsubst %.c,$(OUT)/%.o,tests/oracle/segments/main.c \
                $(addprefix tests/oracle/silicon/,native.c ours.c))

$(SEGMENTS): $(SEGMENTS_OBJ) $(OUT)/libtest.a $(OUT)/libgodwit.a
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lcheck -lsubunit -lrt -lpthread $(LIBS)

RECORDED := $(OUT)/tests/oracle/recorded/recorded
RECORDED_OBJ := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/oracle/recorded/*.c) tests/unit/cpubox.c)

$(RECORDED): $(RECORDED_OBJ) $(OUT)/libgodwit.a
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(LIBS)

ENCODE  := $(OUT)/tests/encode/encode

$(ENCODE): $(ENCODE).o $(OUT)/libgodwit.a
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(LIBS)

# godwit with an engine that errs; random code on two engines.
LOCKSTEP := $(OUT)/tests/lockstep/godwit $(OUT)/tests/lockstep/random
MUTANT_OBJ := $(addprefix $(OUT)/tests/lockstep/,engines.o mutant.o)
LOCKSTEP_OBJ := $(MUTANT_OBJ) $(OUT)/tests/lockstep/random.o

$(OUT)/tests/lockstep/godwit: $(OUT)/cmd/godwit/main.o $(OUT)/cmd/godwit/firmware.o
$(OUT)/tests/lockstep/random: $(OUT)/tests/lockstep/random.o $(OUT)/tests/fuzz/guest.o
$(LOCKSTEP): $(MUTANT_OBJ) $(OUT)/libcmd.a $(OUT)/libgodwit.a
	$(CC) $(ALL_CFLAGS) -o $@ $(filter-out %.a,$^) $(OUT)/libcmd.a $(OUT)/libgodwit.a $(LDFLAGS) \
	    $(LIBS)

FP_COUNTS := $(OUT)/tests/perf/fp_counts

# The benchmark: a plugin of qemu that counts; the kernels as an x86 image and for mips64el.
PERF     := out/bench
PERF_SRC := tests/perf/kernels
PERF_OBJ := $(patsubst %,$(PERF)/x86/%.o,start main pc portable sse cpu paging events rows)
PERF_HDR := $(wildcard $(PERF_SRC)/*.h)
X86CC    ?= $(if $(filter x86_64 i%86,$(shell uname -m)),gcc -m32,i686-linux-gnu-gcc)
X86FLAGS := -std=gnu11 -O2 -march=i586 -mtune=generic -ffreestanding -fno-pic -fno-pie \
            -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -mno-mmx \
            -fno-tree-loop-distribute-patterns -fno-strict-aliasing $(WARN)
X86_FP   := -mno-sse -mfpmath=387

$(PERF)/x86/sse.o: X86_FP := -msse2 -mfpmath=sse

$(PERF)/x86/%.o: $(PERF_SRC)/%.c $(PERF_HDR)
	@mkdir -p $(@D)
	$(X86CC) $(X86FLAGS) $(X86_FP) -c -o $@ $<

$(PERF)/x86/start.o: $(PERF_SRC)/start.S
	@mkdir -p $(@D)
	$(X86CC) -c -o $@ $<

$(PERF)/bench.elf: $(PERF_OBJ) $(PERF_SRC)/bench.ld
	$(X86CC) -nostdlib -static -no-pie -Wl,--build-id=none,-z,noexecstack,--no-warn-rwx-segments \
	    -Wl,-T,$(PERF_SRC)/bench.ld -o $@ $(PERF_OBJ)

$(PERF)/native: $(patsubst %,$(PERF_SRC)/%.c,native portable sse) $(PERF_HDR) | \
                $(if $(SYSROOT),$(SYSROOT)/ready)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(ARCH) -O2 -ffp-contract=off -fno-strict-aliasing $(WARN) -o $@ \
	    $(filter %.c,$^) $(LDFLAGS)

$(PERF)/libcount.so: tests/perf/plugin/count.c tests/perf/plugin/qemu_plugin.h
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -O2 -fPIC -shared -fvisibility=hidden $(WARN) -o $@ $<

$(PERF)/reset.rom: tests/perf/reset.asm
	@mkdir -p $(@D)
	nasm -f bin -o $@ $<

perf-parts: $(PERF)/libcount.so $(PERF)/bench.elf $(PERF)/reset.rom
perf-native: $(PERF)/native

bench:
	@tests/perf/bench.sh

# One line that counts is the last: tests/oracle/oracle.sh.
silicon: $(SILICON) $(SEGMENTS)
	@CASES=$(or $(CASES),1000000) SEED=$(or $(SEED),1) tests/oracle/oracle.sh silicon

oracle: all tests
ifndef NATIVE
	@$(MAKE) TARGET=mips64el all tests
	@$(MAKE) SAN=1 $(SILICON:out/host/%=out/host-san/%)
endif
	@CASES=$(CASES) SEED=$(SEED) tests/oracle/oracle.sh all

tests: $(TESTS) $(FUZZ) $(FUZZ_CPU) $(SILICON) $(SEGMENTS) $(RECORDED) $(ENCODE) \
       $(LOCKSTEP) $(FP_COUNTS)

fuzz: $(FUZZ) $(FUZZ_CPU)
	$(QEMU) $(FUZZ) $(or $(CASES),100000) $(or $(SEED),1)
	$(QEMU) $(FUZZ_CPU) $(or $(CASES),100000) $(or $(SEED),1)

unit: $(TESTS)
	@set -e; export CK_TIMEOUT_MULTIPLIER=20; for t in $(TESTS); do $(QEMU) $$t; done

run:
	@cmd/setup/run.sh $(or $(GUEST),debian)

check check-all:
	@tests/check.sh $@

lint:
	@tests/lint/layers.sh
	@tests/lint/layers_test.sh
	@tests/lint/style.sh

clean:
	rm -rf out/host* out/mips64el* out/bios out/check

-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(AUX_OBJ:.o=.d) $(TESTS:=.d) $(FUZZ:=.d) $(FUZZ_CPU:=.d)
-include $(wildcard $(OUT)/tests/fuzz/drivers.d $(OUT)/tests/fuzz/guest.d) $(LOCKSTEP_OBJ:.o=.d)
-include $(SILICON_OBJ:.o=.d) $(SEGMENTS_OBJ:.o=.d) $(RECORDED_OBJ:.o=.d) \
         $(ENCODE).d $(FP_COUNTS:=.d)
.PHONY: all bench bios check check-all clean cross fuzz lint oracle perf-native perf-parts run \
        silicon tests unit
.DELETE_ON_ERROR:
