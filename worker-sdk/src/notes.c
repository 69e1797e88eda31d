/* notes: stores in an order that a reader after our death can trust. */
#include "notes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ENDS_WITH_ITS_FLOW UINT64_MAX

/* A page that the supervisor made, and that nobody can take away from under us. */
static bool is_board(int fd)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == (off_t)sizeof(struct board) && seals >= 0 &&
	       (seals & (F_SEAL_SHRINK | F_SEAL_GROW)) == (F_SEAL_SHRINK | F_SEAL_GROW);
}

bool notes_open(struct notes *n, int fd)
{
	void *page = is_board(fd) ? mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
				  : MAP_FAILED;

	close(fd);
	if (page == MAP_FAILED)
		return false;
	n->board = page;
	if (!board_is_sound(n->board)) {
		notes_close(n);
		return false;
	}
	for (uint32_t i = 0; i < BROOD_MAX_SLOTS; i++)
		n->free[n->free_count++] = BROOD_MAX_SLOTS - 1 - i;
	return true;
}

void notes_close(struct notes *n)
{
	if (n->board)
		munmap(n->board, sizeof(*n->board));
	*n = (struct notes){0};
}

/* A few ms are exact enough, and cost nothing. */
static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* After its last call; before the next one there is nothing behind it that could be taken for its own. */
static void free_slot(struct notes *n, uint32_t slot)
{
	__atomic_store_n(&n->board->slot[slot].state, BOARD_FREE, __ATOMIC_RELEASE);
	n->free[n->free_count++] = slot;
}

/* Has the answer left the process? */
static bool has_left(struct notes *n, uint32_t slot, const struct outbox *out, const struct flow_set *flows)
{
	if (n->ends[slot] == ENDS_WITH_ITS_FLOW) {
		if (flow_has(flows, n->board->slot[slot].id))
			return false;
		n->ends[slot] = out->added;
	}
	return out->sent >= n->ends[slot];
}

static void collect(struct notes *n, const struct outbox *out, const struct flow_set *flows)
{
	for (uint32_t i = 0; i < BROOD_MAX_SLOTS; i++) {
		if (n->board->slot[i].state == BOARD_REPLIED && has_left(n, i, out, flows))
			free_slot(n, i);
	}
}

uint32_t notes_start(struct notes *n, uint32_t id, uint64_t key, const struct outbox *out,
		     const struct flow_set *flows)
{
	struct board_slot *s;
	uint32_t slot;

	if (!n->board)
		return NOTES_NONE;
	if (n->free_count == 0)
		collect(n, out, flows);
	if (n->free_count == 0) {
		/* more calls than there can be: a board that does not tell all must not be believed */
		__atomic_store_n(&n->board->version, 0, __ATOMIC_RELEASE);
		return NOTES_NONE;
	}
	slot = n->free[--n->free_count];
	s = &n->board->slot[slot];
	s->key = key;
	s->id = id;
	s->progress = 0;
	s->start_ns = now_ns();
	__atomic_store_n(&s->state, BOARD_STARTED, __ATOMIC_RELEASE);
	return slot;
}

void notes_reply(struct notes *n, uint32_t slot, bool failed)
{
	if (slot == NOTES_NONE || !n->board)
		return;
	if (failed)
		n->board->failed++;
	else
		n->board->served++;
	n->ends[slot] = UINT64_MAX - 1; /* not queued yet */
	__atomic_store_n(&n->board->slot[slot].state, BOARD_REPLIED, __ATOMIC_RELEASE);
}

void notes_queued(struct notes *n, uint32_t slot, const struct outbox *out, const struct flow_set *flows)
{
	if (slot == NOTES_NONE || !n->board)
		return;
	n->ends[slot] = flow_has(flows, n->board->slot[slot].id) ? ENDS_WITH_ITS_FLOW : out->added;
}

void notes_beat(struct notes *n)
{
	if (n->board)
		__atomic_store_n(&n->board->beat_ns, now_ns(), __ATOMIC_RELAXED);
}
