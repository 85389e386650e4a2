#include "probes/result.hpp"
