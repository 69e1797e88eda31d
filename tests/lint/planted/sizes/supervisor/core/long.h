/* Planted: eleven lines. */
#ifndef BROOD_LONG_H
#define BROOD_LONG_H

int long_one(int a,
	     int b);

int long_two(int a);


#endif
