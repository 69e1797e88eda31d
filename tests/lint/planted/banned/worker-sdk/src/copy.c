/* Planted: calls that do not know the size. strcpy(a, b) in a comment is no call. */
int copy(char *out, const char *in)
{
	strcpy(out, in);
	strcat(out, "sprintf(x)");
	sprintf(out, "%s", in);
	gets (out);
	return atoi(in) + (int)atol(in) + my_atoi(in);
}

void shell(const char *in, struct thing *thing)
{
	system(in);
	popen(in, "r");
	tmpnam(0);
	mktemp(0);
	strtok(in, " ");
	alloca(9);
	thing->system(in);
	thing.kill(in);
}
