// From the documents of one key to what the destination is told: folding, validating, cutting,
// packing, writing.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/combiner.h"
#include "document/fold.h"

namespace weir::document {

// All documents of one key in the order in which they reduce.
struct Group {
  std::string_view key;
  std::vector<std::string_view> documents;
  bool front = false;  // the first is a loaded one
  bool reduced =
      false;  // a document that stands alone is the result of a reduction, not one that came in
  bool packed = false;  // of a last-write-wins binding: the columns of the last document are
  std::string_view last_values;  // these

  void clear();
};

class GroupDrain {
 public:
  // `validated`: documents were, when they came in.
  GroupDrain(const CompiledBinding& binding, bool validated)
      : binding_(binding), folder_(binding), validated_(validated) {}

  // Works out the results of a group. Errors name the binding.
  Status begin(std::uint32_t number, const Group& group);
  // The next result, valid until the next call; false when there is none left.
  Result<bool> next(Drained* out);
  Folder& folder() { return folder_; }

 private:
  Status begin_reduced(const Group& group);
  bool begin_last(const Group& group);
  Status emit(const Folded& folded, Drained* out);
  Status emit_truncated(const Folded& folded, Drained* out);

  const CompiledBinding& binding_;
  Folder folder_;
  const bool validated_;
  bool last_ready_ = false;
  std::vector<Folded> results_;
  std::size_t at_ = 0;
  Drained drained_;
  std::string json_;
  std::string values_;
};

}  // namespace weir::document
