/* interface: descriptions made from methods.def. */
#include "interface.h"

#include <stddef.h>
#include <string.h>

static const char brood[] =
	"# brood: supervisor for parent and child processes\n"
	"interface io.brood\n"
#define TYPE(name, fields, doc)             "\n# " doc "\ntype " #name " (" fields ")\n"
#define METHOD(name, parameters, result, doc) \
	"\n# " doc "\nmethod " #name "(" parameters ") -> (" result ")\n"
#define ERROR(name, fields, doc) "\n# " doc "\nerror " #name " (" fields ")\n"
#include "methods.def"
	;

static const char varlink[] =
	"# The Varlink Service Interface is provided by every varlink service.\n"
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
		return brood;
	return strcmp(name, INTERFACE_VARLINK) == 0 ? varlink : NULL;
}
