// Manual pages in the man language, made of the rows of the command table: weir(1), and one for
// each command, weir-triggers-pending(1) for `weir triggers pending`. groff and mandoc take them
// without a complaint.
#pragma once

#include <string>
#include <string_view>

#include "app/command.h"

namespace weir::app {

// "weir-triggers-pending": also the name of the page's file, before ".1".
std::string man_name(const Command& command);

// `date` is YYYY-MM-DD, as the foot of the page says it.
std::string man_page(std::string_view date);
std::string man_page(const Command& command, std::string_view date);

const Command& man_command();  // its row of the table

}  // namespace weir::app
