// What a terminal of some size shows after it was sent some bytes: a model that knows the few
// sequences that programs use to draw lines anew, and says so when it meets another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

class Screen {
 public:
  Screen(std::size_t columns, std::size_t rows);
  void write(std::string_view bytes);
  // The rows, blanks at their ends taken off, empty ones at the end left out.
  std::vector<std::string> lines() const;
  std::string text() const;  // the same, one text
  // Everything that scrolled off the top, and then lines().
  std::string all() const;
  bool shows(std::string_view text) const { return all().find(text) != std::string::npos; }
  bool coloured() const { return coloured_; }                           // was any colour asked for?
  const std::vector<std::string>& unknown() const { return unknown_; }  // sequences

 private:
  using Row = std::vector<std::string>;  // a cell: a character; "" is the second half of one
  void put(std::string_view character, int columns);
  void new_line();
  void escape(std::string_view sequence);
  std::string text_of(const Row& row) const;

  std::size_t columns_;
  std::vector<Row> rows_;
  std::string scrolled_;
  std::string pending_;  // the beginning of a character or sequence
  std::size_t row_ = 0;
  std::size_t column_ = 0;  // columns_: behind the last, the next character breaks the line
  bool coloured_ = false;
  std::vector<std::string> unknown_;
};

}  // namespace weir::cli
