// What a command prints. Results go to standard output, everything else to standard error; where it
// fails, standard output stays empty unless the page of the command says otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace weir::app {

void print(std::string_view text);        // standard output, at once
bool printed();                           // all of it; if not, why is told on standard error
void print_error(std::string_view text);  // standard error: "weir: TEXT", one line more
// Standard error without a prefix: notes and reports that carry their own places.
void note(std::string_view text);

// Is standard output (1) or standard error (2) a terminal that wants colour: NO_COLOR unset or
// empty, TERM not dumb.
bool coloured(int descriptor);
bool is_terminal(int descriptor);
// A terminal on which lines can be drawn anew: TERM is set and not dumb, whatever NO_COLOR says.
bool can_redraw(int descriptor);

enum class Colour { kRed, kGreen, kYellow, kDim, kBold };
std::string paint(std::string_view text, Colour colour, bool really);

// A JSON array of flat objects, one object a line, for --json.
class JsonRows {
 public:
  void begin();  // the next object
  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::int64_t value);
  void number(std::string_view name, std::uint64_t value);
  void flag(std::string_view name, bool value);
  void null(std::string_view name);
  void raw(std::string_view name, std::string_view json);
  std::string finish();  // the whole array with a newline
  // The members of the present object alone, for a single line.
  static std::string line(const JsonRows& rows);

 private:
  std::string& member(std::string_view name);
  std::vector<std::string> objects_;
};

// For lists: a line below the head of its entry, filled to kListColumns, which every terminal has.
inline constexpr std::size_t kListColumns = 80;
std::string indented(std::string_view text);
// The line above such: parts with two blanks between them, over several lines where they must be.
std::string headline(const std::vector<std::string>& parts);
std::string short_timestamp(Timestamp time);  // 2026-11-22T17:03:04Z

// Columns aligned by spaces, two between them; the first row is the heading.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace weir::app
