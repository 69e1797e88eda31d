/* Planted: here access() is allowed, and kill() is not. */
int where(const char *path)
{
	return access(path, 0) + kill(1, 0);
}
