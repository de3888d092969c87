// Names as SQLite has them: any text between double quotes, compared without regard to the case of
// ASCII letters.
#pragma once

#include <string>
#include <string_view>

namespace weir::sqlite {

std::string quoted(std::string_view name);       // "a""b"
std::string quoted_text(std::string_view text);  // 'it''s'
std::string folded(std::string_view name);       // ASCII letters in lower case
bool same_name(std::string_view a, std::string_view b);

}  // namespace weir::sqlite
