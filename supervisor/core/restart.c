/* restart: policy and backoff. Pure arithmetic on one instance's history. */
#include "restart.h"

#include <string.h>

bool restart_is_success(const struct restart_policy *policy, const struct restart_death *death)
{
	return !death->is_forced_failure && exits_contain(&policy->success, &death->facts);
}

/* Remembers a restart; true if there were too many within the limit's time. */
static bool is_too_frequent(const struct restart_limit *limit, struct restart_history *h,
			    struct instant now)
{
	uint32_t old = 0;

	if (limit->count == 0)
		return false;
	while (old < h->recent_count &&
	       duration_between(h->recent[old], now).ms >= limit->within.ms)
		old++;
	h->recent_count -= old;
	memmove(h->recent, h->recent + old, h->recent_count * sizeof(h->recent[0]));
	if (h->recent_count >= limit->count)
		return true;
	h->recent[h->recent_count++] = now;
	return false;
}

static enum restart_verdict give_up(enum restart_reason why, enum restart_reason *reason_out)
{
	*reason_out = why;
	return RESTART_GIVE_UP;
}

enum restart_verdict restart_judge(const struct restart_policy *policy, struct restart_history *history,
				   const struct restart_death *death, struct instant now,
				   enum restart_reason *reason_out)
{
	bool success = restart_is_success(policy, death);

	*reason_out = RESTART_REASON_NONE;
	if (exits_contain(&policy->no_restart, &death->facts))
		return give_up(RESTART_REASON_EXCLUDED, reason_out);
	if (policy->when == RESTART_NEVER && !success)
		return give_up(RESTART_REASON_POLICY, reason_out);
	if (policy->when == RESTART_NEVER || (policy->when == RESTART_ON_FAILURE && success))
		return RESTART_REST;
	history->failed_starts = death->was_ready ? 0 : history->failed_starts + 1;
	if (policy->start_retries > 0 && history->failed_starts > policy->start_retries)
		return give_up(RESTART_REASON_STARTS, reason_out);
	if (is_too_frequent(&policy->limit, history, now))
		return give_up(RESTART_REASON_FREQUENCY, reason_out);
	return RESTART_RETRY;
}

/* restart_delay doubled `times` times, at most restart_delay_max. */
static int64_t doubled(const struct restart_policy *policy, uint32_t times)
{
	int64_t ms = policy->delay.ms;

	for (; times > 0 && ms < policy->delay_max.ms && ms > 0; times--)
		ms *= 2;
	return ms < policy->delay_max.ms ? ms : policy->delay_max.ms;
}

/* Up to jitter percent more or less, evenly. */
static int64_t vary(int64_t ms, uint32_t jitter, uint32_t random)
{
	int64_t span = ms * jitter / 100;

	return span == 0 ? ms : ms - span + (int64_t)(random % (uint64_t)(2 * span + 1));
}

struct duration restart_delay(const struct restart_policy *policy, struct restart_history *history,
			      bool keep_pace, uint32_t random)
{
	int64_t ms;

	history->retries++;
	if (history->is_healthy) {
		history->is_healthy = false;
		return (struct duration){0};
	}
	ms = doubled(policy, keep_pace ? 0 : history->steps);
	if (!keep_pace && history->steps < UINT32_MAX)
		history->steps++;
	ms = vary(ms, policy->jitter, random);
	return (struct duration){ms < policy->delay_max.ms ? ms : policy->delay_max.ms};
}

void restart_forgive(struct restart_history *history)
{
	history->steps = 0;
	history->retries = 0;
	history->failed_starts = 0;
	history->is_healthy = true;
}
