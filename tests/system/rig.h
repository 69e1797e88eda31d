/*
 * rig: a stage whose brood, worker or client has faults, and what must hold whatever fails (PC of S4, S10).
 *
 * The pools: "w" two instances over socketpairs, "p" one over pipes, "m" one that is let die in every round.
 */
#ifndef BROOD_RIG_H
#define BROOD_RIG_H

#include <stdbool.h>

#include "faults/faults.h"
#include "stage.h"
#include "tally.h"

/* Who runs with libfaults.so. */
enum rig_where { RIG_SUPERVISOR, RIG_WORKERS, RIG_NOBODY };

/* A call that fails, and how. */
struct rig_fault {
	enum fault_site site;
	int error; /* errno or FAULT_SHORT() */
};

/* What came of one round. */
struct rig_round {
	unsigned good;
	unsigned failed;
	unsigned
		lost_peers; /* connections and processes that ended although nothing of theirs was to blame */
	unsigned starts;    /* of the one that dies, more than there had to be */
	char why[300];
};

extern struct stage rig_stage;
extern struct fault_page *rig_page;
extern size_t rig_largest; /* body of a call, bytes */

void rig_open(enum rig_where where);
/* Makes a page alone, for a stage that the test starts itself with rig_preload(). */
void rig_make_page(void);
void rig_drop_page(void);
void rig_close(void);
/* For a program of one's own: the environment that makes it have faults. In a child, before exec. */
void rig_preload(void);

/* From the k-th call on; `every` as in faults.h. Counts from now. */
void rig_arm(enum fault_site site, int error, uint64_t k, uint64_t every);
void rig_disarm(void);
uint64_t rig_hits(enum fault_site site);

/* Clients come, call, see a worker die and another restarted, and go. */
struct rig_round rig_play(void);
/* Waits until all workers are up again, whatever it took. */
void rig_recover(void);
/* Waits until all is at rest: no calls, connections, descriptors, processes are left of a round, and no turns made. */
void rig_check_rest(const char *what);

/* What brood has said of late. */
const char *rig_log(void);
/* What a fault may cost: nothing; one start more, which nobody notices; one peer, or one start. */
enum rig_cost { RIG_COST_NOTHING, RIG_COST_START, RIG_COST_PEER };

enum { RIG_CALLS_MOST = 400 };

/*
 * Rounds in which the first such call fails, the second, ... until one makes no more of them; what each may cost. With
 * FAULTS_TELL in the environment it prints how many have failed.
 */
void rig_fail_each(const struct rig_fault *f, enum rig_cost cost);
/* The next call to fail, more and more apart: the first of a round are all met, of thousands a part. */
uint64_t rig_next(uint64_t k);
/* "recv 3: EINTR" */
void rig_describe(const struct rig_fault *f, uint64_t k, char *out, size_t size);

const char *rig_error_name(int error);
const char *rig_site_name(enum fault_site site);

#endif
