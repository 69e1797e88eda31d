/* Planted: see expected. */
int a; 
        int eight_spaces;
 	int space_before_tab;
	int crlf;
/* Ã */
#define CONTINUED(x)         \
                             \
	x
int long_line = 1; /* 0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000 */
