// The value of one check key, from the config's tree to the type its field in the table of kinds
// wants.
#pragma once

#include <expected>

#include "agent/config/files.hpp"
#include "agent/config/node.hpp"
#include "probes/kinds.hpp"

namespace ronda::agent {

// Shapes (field_table.hpp) a value of this type may take.
unsigned shapes_of(probes::FieldType type);

// The node has one of the shapes already.
std::expected<probes::FieldValue, Finding> read_field_value(const Node& node,
                                                            probes::FieldType type,
                                                            const Folders& folders);

}  // namespace ronda::agent
