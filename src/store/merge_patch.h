// The merge operator of Estuary's runtime, for reading its databases: operands are JSON merge
// patches (RFC 7396), one or several separated by newlines.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class MergeOperator;
}

namespace weir::store {

// Applies the patches to `base`. Where there is none, the first operand is taken as it stands, its
// nulls included (as the original does). Texts that are no JSON are joined by newlines instead:
// nothing is lost.
std::string apply_patches(const std::string* base, const std::vector<std::string_view>& operands);

std::shared_ptr<rocksdb::MergeOperator>
make_json_schema_merge();  // its name in the database is "json-schema"

}  // namespace weir::store
