/* Planted: examples are imitated. */
void echo(char *out)
{
	sprintf(out, "x");
	access(out, 0);
}
