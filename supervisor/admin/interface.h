/* interface: what org.varlink.service tells about us. */
#ifndef BROOD_INTERFACE_H
#define BROOD_INTERFACE_H

#define INTERFACE_BROOD   "io.brood"
#define INTERFACE_VARLINK "org.varlink.service"

/* The description in Varlink's language; NULL if there is no such interface. Static. */
const char *interface_describe(const char *name);

#endif
