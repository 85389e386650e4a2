#include "net/address.hpp"
