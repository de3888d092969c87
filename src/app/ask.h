// Questions to a person at the terminal: on standard error, answered on standard input.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace weir::app {

inline constexpr std::size_t kAnswerBytesMax = 16u << 10;

// Are both a terminal?
bool can_ask();

// Each shows "QUESTION [PROPOSAL]: " and waits for a line. The answer is without blanks around it,
// and the proposal where nothing was typed. nullopt: the input ended, or is too long.
std::optional<std::string> ask(std::string_view question, std::string_view proposal);
std::optional<bool> ask_whether(std::string_view question, bool proposal);
// What is typed is not shown. An interrupt is the end of input here, so that the terminal shows
// what is typed again.
std::optional<Secret> ask_hidden(std::string_view question);

}  // namespace weir::app
