/* Planted: here kill() is allowed, and signal() is not. */
int instance(void)
{
	signal(13, 0);
	seteuid(1);
	setfsuid(1);
	return kill(1, 9);
}
