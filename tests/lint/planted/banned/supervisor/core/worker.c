/* Planted: worker_step() may change the state, the other one may not. */
void worker_step(struct worker *w)
{
	w->state = WORKER_UP;
}

void worker_jump(struct worker *w, const struct worker *other, struct pool *p)
{
	w->state = WORKER_UP;
	if (other->state == WORKER_UP)
		p->state = 3;
	*w = (struct worker){.state = WORKER_UP};
}
