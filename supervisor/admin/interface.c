/* interface: descriptions made from methods.def. */
#include "interface.h"

#include <stddef.h>
#include <string.h>

/* C promises literals of no more than 4095 bytes, so this one is put together when it is asked for first. */
#define HEAD                         "# brood: supervisor for parent and child processes\ninterface io.brood\n"
#define TYPE_TEXT(name, fields, doc) "\n# " doc "\ntype " #name " (" fields ")\n"
#define METHOD_TEXT(name, parameters, result, doc) \
	"\n# " doc "\nmethod " #name "(" parameters ") -> (" result ")\n"
#define ERROR_TEXT(name, fields, doc) "\n# " doc "\nerror " #name " (" fields ")\n"

static const char *const pieces[] = {
	HEAD,
#define TYPE(...)   TYPE_TEXT(__VA_ARGS__),
#define METHOD(...) METHOD_TEXT(__VA_ARGS__),
#define ERROR(...)  ERROR_TEXT(__VA_ARGS__),
#include "methods.def"
};

enum {
	BROOD_SIZE = sizeof(HEAD)
#define TYPE(...)   +sizeof(TYPE_TEXT(__VA_ARGS__)) - 1
#define METHOD(...) +sizeof(METHOD_TEXT(__VA_ARGS__)) - 1
#define ERROR(...)  +sizeof(ERROR_TEXT(__VA_ARGS__)) - 1
#include "methods.def"
};

static char brood[BROOD_SIZE];

static const char *describe_brood(void)
{
	size_t used = 0;

	if (brood[0])
		return brood;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t size = strlen(pieces[i]);

		memcpy(brood + used, pieces[i], size);
		used += size;
	}
	return brood;
}

static const char varlink[] = "# The Varlink Service Interface is provided by every varlink service.\n"
			      "interface org.varlink.service\n"
			      "\n"
			      "method GetInfo() -> (\n"
			      "  vendor: string,\n"
			      "  product: string,\n"
			      "  version: string,\n"
			      "  url: string,\n"
			      "  interfaces: []string\n"
			      ")\n"
			      "\n"
			      "method GetInterfaceDescription(interface: string) -> (description: string)\n"
			      "\n"
			      "error InterfaceNotFound (interface: string)\n"
			      "error MethodNotFound (method: string)\n"
			      "error MethodNotImplemented (method: string)\n"
			      "error InvalidParameter (parameter: string)\n"
			      "error PermissionDenied ()\n"
			      "error ExpectedMore ()\n";

const char *interface_describe(const char *name)
{
	if (strcmp(name, INTERFACE_BROOD) == 0)
		return describe_brood();
	return strcmp(name, INTERFACE_VARLINK) == 0 ? varlink : NULL;
}
