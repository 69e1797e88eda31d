/* A library that exports what is not listed (brood_more), what nobody may see (leak), and lacks brood_gone. */
#define SHOWN __attribute__((visibility("default")))

SHOWN int brood_version(void);
SHOWN int brood_more(void);
SHOWN int leak(void);

int brood_version(void)
{
	return 0;
}

int brood_more(void)
{
	return 1;
}

int leak(void)
{
	return 2;
}
