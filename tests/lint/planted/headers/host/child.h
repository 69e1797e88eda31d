/* has no guard */
struct child {
	int pid;
};
