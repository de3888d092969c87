// Scenario files: what a support engineer can read.
//
//   # What this shows.
//   skip restarts: why this one cannot stand a restart after each step
//   only plain, sqlite: why it is played in these modes alone
//
//   catalog orders
//
//   append shop/orders
//   {"id": 1, "total": 5}
//
//   rows orders
//   ----
//   {"id":1,"total":5}
//
// A command stands on a line of its own, its body on the lines below, what it must print behind
// `----`. A blank line ends it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace weir::scenarios {

struct Command {
  int line = 0;
  std::string word;
  std::string rest;  // of its line
  std::vector<std::string> body;
  bool judged = false;  // has a `----`
  std::vector<std::string> expected;
};

struct Script {
  std::string name;
  std::map<std::string, std::string> skips;  // mode → why
  std::set<std::string> only;                // if not empty: the modes it is played in …
  std::string only_why;                      // … and why in no other
  std::vector<Command> commands;
};

Result<Script> parse_script(const std::string& name, const std::string& text);

}  // namespace weir::scenarios
