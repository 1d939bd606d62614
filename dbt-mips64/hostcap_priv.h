/* hostcap_priv.h - the part of the probe that is made of MIPS instructions. */
/* SPDX-License-Identifier: MIT */
#ifndef DBT_HOSTCAP_PRIV_H
#define DBT_HOSTCAP_PRIV_H
#include "dbt-mips64/hostcap.h"

void hostcap_ask(struct hostcap *c); /* all but `page`; off MIPS the plain release 2 */
#endif
