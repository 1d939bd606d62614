# godwit: make, make cross, make check. Objects go below out/<target>/.
TARGET  ?= host
ifeq ($(TARGET),mips64el)
CROSS   ?= mips64el-linux-gnuabi64-
ARCH    := -march=mips64r2 -mabi=64
endif
CC      := $(CROSS)gcc
AR      := $(CROSS)ar
OUT     ?= out/$(TARGET)
WARN    := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
CFLAGS  ?= -O2 -g
ALL_CFLAGS := -std=gnu11 $(ARCH) $(CFLAGS) $(WARN) -fno-strict-aliasing -I. -MMD -MP $(EXTRA)
LIBS    := -lz -lm

LIB_SRC := $(wildcard devmodel/*/*.c cpu-x86/*.c shadow-mmu/*.c dbt-mips64/*.c)
CMD_SRC := $(wildcard cmd/godwit/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(OUT)/%.o)
CMD_OBJ := $(CMD_SRC:%.c=$(OUT)/%.o)
TESTS   := $(patsubst %.c,$(OUT)/%,$(wildcard tests/unit/test_*.c tests/dev/test_*.c))

all: $(OUT)/libgodwit.a $(if $(CMD_SRC),$(OUT)/godwit)

cross:
	$(MAKE) TARGET=mips64el all

$(OUT)/libgodwit.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(OUT)/godwit: $(CMD_OBJ) $(OUT)/libgodwit.a
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(LIBS)

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(OUT)/tests/%: tests/%.c $(OUT)/libgodwit.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $< $(OUT)/libgodwit.a $(LDFLAGS) -lcheck -lsubunit -lrt -lpthread $(LIBS)

unit: $(TESTS)
	@set -e; for t in $(TESTS); do $$t; done

clean:
	rm -rf out

-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(TESTS:=.d)
.PHONY: all cross unit clean
