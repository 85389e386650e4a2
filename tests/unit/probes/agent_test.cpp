// The agent's line and the dialogue that fetches it.
#include "probes/agent_line.hpp"
#include "probes/protocols.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/probes/script.hpp"

namespace ronda::probes {
namespace {

std::string word_of(std::string_view line) {
  const AgentLine parsed = parse_agent_line(line);
  if (!parsed.word) {
    return "none";
  }
  return *parsed.word == AgentWord::up ? "up" : *parsed.word == AgentWord::drain ? "drain" : "down";
}

}  // namespace

TEST_CASE("agent: what the words of a line mean") {
  struct Row {
    const char* line;
    const char* word;
  };
  for (const auto& [line, word] : std::vector<Row>{{"up", "up"},
                                                   {"UP", "up"},
                                                   {"ready", "up"},
                                                   {"down", "down"},
                                                   {"Fail", "down"},
                                                   {"stopped", "down"},
                                                   {"drain", "drain"},
                                                   {"maint", "drain"},
                                                   {"0%", "drain"},
                                                   {"000%", "drain"},
                                                   {"75%", "up"},
                                                   {"100%", "up"},
                                                   {"up 75%", "up"},
                                                   {"up,0%", "drain"},
                                                   {"drain\tup", "drain"},
                                                   {"up drain", "drain"},
                                                   {"drain ready", "up"},
                                                   {"ready drain", "drain"},
                                                   {"down up", "up"},
                                                   {"up down", "down"},
                                                   {"down drain", "down"},
                                                   {"0% 50%", "up"},
                                                   {"up maxconn:30", "up"},
                                                   {"maxconn:30", "up"},
                                                   {"maxconn:30 drain", "drain"},
                                                   {"weight:50", "up"},
                                                   {"Weight:50%", "up"},
                                                   {"weight:0%", "drain"},
                                                   {"weight:0", "drain"},
                                                   {"up weight:0% 75%", "up"},
                                                   {"weight:", "none"},
                                                   {"weight:%", "none"},
                                                   {"weight:-1", "none"},
                                                   {"maxconn:", "none"},
                                                   {"maxconn:many", "none"},
                                                   {"30", "none"},
                                                   {"down#disk full", "down"},
                                                   {"up # drain soon", "up"},
                                                   {"# down", "none"},
                                                   {"", "none"},
                                                   {" ,\t", "none"},
                                                   {"%", "none"},
                                                   {"-1%", "none"},
                                                   {"1.5%", "none"},
                                                   {"upp", "none"},
                                                   {"HTTP/1.1 400 Bad Request", "none"}}) {
    INFO(line);
    CHECK(word_of(line) == word);
  }
  CHECK(parse_agent_line("down # the disk is full").description == "the disk is full");
  CHECK(parse_agent_line("down#").description.empty());
}

namespace {

ProbeResult hear(Dialogue& dialogue, const std::vector<std::string>& pieces, bool end = false) {
  dialogue.on(Opened{});
  for (const std::string& piece : pieces) {
    for (const DialogueAction& action : dialogue.on(Heard{piece})) {
      if (const auto* finish = std::get_if<Finish>(&action)) {
        return finish->result;
      }
    }
  }
  if (end) {
    for (const DialogueAction& action : dialogue.on(Ended{})) {
      if (const auto* finish = std::get_if<Finish>(&action)) {
        return finish->result;
      }
    }
  }
  return make_unknown("goes on");
}

std::unique_ptr<Dialogue> agent(const std::string& send = "") {
  return agent_dialogue({.protocol = AgentCheck{.send = send}});
}

}  // namespace

TEST_CASE("agent: one line, in whatever pieces it comes") {
  const ProbeResult whole = hear(*agent(), {"drain # night\r\nup\n"});
  CHECK(whole.verdict == Verdict::pass);
  CHECK(whole.reading.word == AgentWord::drain);
  CHECK(whole.reading.said == "drain # night");
  CHECK(whole.detail == "drain # night");
  CHECK(hear(*agent(), {"u", "p", " ", "5", "%", "\n"}).reading.word == AgentWord::up);
  CHECK(hear(*agent(), {"down\r"}).reading.word == AgentWord::down);
  CHECK(hear(*agent(), {"drain"}).detail == "goes on");
  const ProbeResult cut = hear(*agent(), {"drain"}, true);
  CHECK(cut.verdict == Verdict::fail);
  CHECK(cut.reading.empty());
  CHECK(cut.detail == "expected an agent's line, got \"drain\", connection closed");
  CHECK(hear(*agent(), {"\n"}).detail ==
        "expected up, ready, down, drain, maint or NN%, got an empty line");
}

TEST_CASE("agent: a line without end is bounded") {
  auto dialogue = agent();
  dialogue->on(Opened{});
  std::size_t fed = 0;
  bool over = false;
  while (!over && fed < 1'000'000) {
    const DialogueActions actions = dialogue->on(Heard{"upupupup"});
    fed += 8;
    over = !actions.empty();
  }
  CHECK(over);
  CHECK(fed == 4096);
  CHECK(hear(*agent(), {std::string(100'000, 'x')}).verdict == Verdict::fail);
  CHECK(hear(*agent(), {"up" + std::string(5000, ' ') + "\n"}).verdict == Verdict::fail);
}

TEST_CASE("agent: what is to be sent is sent first") {
  auto dialogue = agent("web1\n");
  const DialogueActions actions = dialogue->on(Opened{});
  REQUIRE(actions.size() == 1);
  CHECK(std::get<Send>(actions[0]).bytes == "web1\n");
  CHECK(agent()->on(Opened{}).empty());
}

}  // namespace ronda::probes
