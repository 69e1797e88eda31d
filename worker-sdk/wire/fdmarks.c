/* fdmarks: a short list, in order of offsets. */
#include "fdmarks.h"

#include <assert.h>
#include <stdlib.h>

#include "fds.h"

struct fd_mark {
	struct fd_mark *next;
	uint64_t at;
	struct fds *fds; /* referenced */
};

bool fd_marks_add(struct fd_marks *m, uint64_t at, struct fds *fds)
{
	struct fd_mark *mark = malloc(sizeof(*mark));

	assert(!m->last || m->last->at < at);
	if (!mark)
		return false;
	*mark = (struct fd_mark){.at = at, .fds = fds_ref(fds)};
	if (m->last)
		m->last->next = mark;
	else
		m->first = mark;
	m->last = mark;
	return true;
}

static void drop_first(struct fd_marks *m)
{
	struct fd_mark *mark = m->first;

	m->first = mark->next;
	if (!m->first)
		m->last = NULL;
	fds_unref(mark->fds);
	free(mark);
}

void fd_marks_undo(struct fd_marks *m)
{
	struct fd_mark *before = NULL;

	for (struct fd_mark *mark = m->first; mark != m->last; mark = mark->next)
		before = mark;
	fds_unref(m->last->fds);
	free(m->last);
	m->last = before;
	if (before)
		before->next = NULL;
	else
		m->first = NULL;
}

struct fds *fd_marks_at(const struct fd_marks *m, uint64_t at)
{
	return m->first && m->first->at == at ? m->first->fds : NULL;
}

size_t fd_marks_reach(const struct fd_marks *m, uint64_t at)
{
	const struct fd_mark *mark = m->first;

	if (mark && mark->at == at)
		mark = mark->next;
	return mark ? (size_t)(mark->at - at) : SIZE_MAX;
}

void fd_marks_passed(struct fd_marks *m, uint64_t to)
{
	while (m->first && m->first->at < to)
		drop_first(m);
}

void fd_marks_close(struct fd_marks *m)
{
	while (m->first)
		drop_first(m);
}
