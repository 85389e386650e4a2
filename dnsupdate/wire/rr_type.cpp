#include "dnsupdate/wire/rr_type.hpp"
