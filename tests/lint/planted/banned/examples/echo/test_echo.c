/* Not planted: a test may. */
void test(void)
{
	signal(11, 0);
}
