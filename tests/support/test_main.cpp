// Catch2 2 wants its main generated in exactly one file; Catch2 3 brings its own in a library.
#if __has_include(<catch2/catch_all.hpp>)
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
