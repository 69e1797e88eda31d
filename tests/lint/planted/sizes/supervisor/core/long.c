/*
 * Planted: with limits of 24 lines a file, 10 a header and 6 a function, this file is too long, and so is one of its
 * functions. The table and the macro are none, the inner braces belong to their function.
 */
#define TWICE(x)    \
	{           \
		x;  \
		x;  \
	}

static const struct row rows[] = {
	{1, "{"},
	{2, "}"},
	{3, "/*"},
	{4, "'"},
	{5, ""},
};

static int short_one(void)
{
	return '{';
}

int long_one(int a,
	     int b)
{
	if (a) {
		b++;
	}
	return b;
}
