/* Planted: braces that only one of the branches closes. */
int torn(void)
{
#if 1
	if (1) {
#else
	if (0) {
#endif
	}
	return 0;
}
