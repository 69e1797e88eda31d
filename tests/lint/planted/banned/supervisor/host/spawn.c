/* Planted: a state that is changed in a place that has no business with it; kill() is allowed. */
void spawn(struct worker *one)
{
	kill(1, 9);
	one->state += 1;
	one->state++;
	++one->state;
}
