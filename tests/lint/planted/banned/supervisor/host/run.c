/* Planted: here signal() is allowed, and access() is not. */
int run(void)
{
	signal(13, 0);
	uv_signal(13);
	return access("x", 0) + rand() + srand(1);
}
