// What goes to the terminal: data to stdout, talk to stderr, colour only where a person looks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/config/reader.hpp"

namespace ronda::agent {

void say(std::string_view data);         // stdout, as it is
void talk(std::string_view line);        // stderr, "ronda: " before and a line's end after it
void talk_plain(std::string_view line);  // the same without "ronda: ", for lines that name a place
bool color_wanted();                     // stdout is a terminal and NO_COLOR is not set
bool talk_is_seen();                     // stderr is a terminal

// Every problem with its caret, on stderr.
void show_problems(const std::vector<ConfigProblem>& problems);
// "file:line:col: error: ..." without the caret, for JSON.
std::vector<std::string> to_sentences(const std::vector<ConfigProblem>& problems);

// `check`, `plan` and `status` that could not begin: JSON or a Nagios line on stdout. Returns 3.
int could_not_judge(bool json, WriteMode mode, const std::vector<std::string>& errors);

}  // namespace ronda::agent
