/* The one function that Tailcall's binary takes from glibc 2.38, for a machine whose glibc is older. */
#include <stdlib.h>

long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
