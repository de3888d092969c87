// Many documents in, one per (binding, key) out, in the order of (binding, packed key), within a
// memory bound: sorted runs are spilled to a file that the caller hands in. Documents that it can
// point to are never copied, and a last-write-wins document is never taken apart beyond its key and
// columns. Used from one thread.
//
// What is validated: every document is checked to be a JSON object with a key that packs and, where
// the schema asks for nothing but types, required members and items, against the schema too, on the
// way (see type_check.h), for a few instructions a member. Where it asks for more, by tree: of
// reducing bindings what is drained, of last-write-wins bindings the survivor of each key. Loaded
// documents are taken as valid: they were when they were stored.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/binding.h"

namespace weir::document {

inline constexpr std::size_t kDocumentBytesMax = 64u << 20;
inline constexpr std::size_t kCombinerMemoryDefault = 256u << 20;
inline constexpr std::size_t kSpillRunsMax = 4096;

// Append-only scratch space for sorted runs; removed by its owner. One per combiner.
class SpillFile {
 public:
  virtual ~SpillFile() = default;
  virtual Status append(std::string_view bytes) = 0;  // kFull when the disk is
  virtual Status read(std::uint64_t offset, std::span<char> out) = 0;
  virtual Status reset() = 0;  // empty again
};

struct CombinerOptions {
  std::size_t memory_max = kCombinerMemoryDefault;
  SpillFile* spill = nullptr;  // required once memory_max can be reached
  // Reduce in place where the schema allows (see plan.h). Off, everything goes by trees, slower and
  // with the same results: for comparing the two.
  bool use_programs = true;
};

struct Added {
  std::string_view key_packed;  // valid until the next call
  bool first = false;  // no document of this key was added since reset(), spilled ones included
};

struct Drained {  // views are valid until the next call of next()
  std::uint32_t binding = 0;
  std::string_view key_packed;
  std::string_view values_packed;
  std::string_view doc_json;    // empty unless with_document
  std::uint64_t doc_bytes = 0;  // of the serialized document, also where doc_json is empty
  bool front = false;           // a loaded document took part
  bool deleted = false;         // the reduction asked for deletion
};

// A buffer that added documents point into; it is kept alive until the combiner lets go of it.
using Buffer = std::shared_ptr<const std::string>;

class Combiner {
 public:
  Combiner(std::vector<BindingSpec> bindings, CombinerOptions options);
  ~Combiner();
  Combiner(const Combiner&) = delete;
  Combiner& operator=(const Combiner&) = delete;

  // Adds a document of the source. Errors of the document are kInvalid and name the binding, the
  // location and the schema rule, never a value; the combiner is then spent until reset().
  // `document` must lie inside `*buffer`, with at least simdjson's padding behind it inside the
  // buffer's capacity.
  Result<Added> add_right(std::uint32_t binding, std::string_view document, const Buffer& buffer);
  // A hint before the add_right() of one document: this one follows it in the same binding, and
  // lies where it will lie then. It is walked now, so that the memory of its key comes while the
  // other is reduced. Whatever is wrong with it is said when it is added.
  void expect(std::uint32_t binding, std::string_view document);
  // Adds the stored document of a key (the answer of a load): the left-most of its group. Copied.
  Status add_front(std::uint32_t binding, std::string_view document);

  // After the last add: ascending by (binding, packed key). nullopt at the end, then reset() is
  // due.
  Result<std::optional<Drained>> next();
  void reset();

  // Does any annotation that could apply say `delete`, or reduce other than by last-write-wins at
  // the root? If not, loads of this binding's keys cannot matter to a destination that can upsert.
  bool last_write_wins(std::uint32_t binding) const;
  std::size_t memory_used() const;
  std::uint64_t spilled_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::document
