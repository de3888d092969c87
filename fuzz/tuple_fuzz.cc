// Packed keys come back from destinations and from spilled runs: any bytes are a tuple or are
// refused, and a tuple that is read packs to the same bytes again. The bound of a key is never
// below it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/check.h"
#include "document/tuple.h"

namespace {

using namespace weir::document;

struct Packer {
  std::string& out;
  void operator()(Null) const { pack_null(out); }
  void operator()(bool value) const { pack_bool(out, value); }
  void operator()(std::int64_t value) const { pack_int(out, value); }
  void operator()(std::uint64_t value) const { pack_uint(out, value); }
  void operator()(double value) const { pack_double(out, value); }
  void operator()(std::string_view value) const { pack_string(out, value); }
  void operator()(const Bytes& value) const { pack_bytes(out, value.text); }
  void operator()(const BigInteger& value) const { pack_big_integer(out, value.text); }
};

constexpr char kFloat32 = 0x20;  // read, but written as float64

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string again;
  bool float32 = false;
  std::size_t at = 0;
  for (TupleReader reader(bytes); !reader.done();) {
    float32 |= bytes[at] == kFloat32;
    const auto element = reader.next();
    if (!element) return 0;
    const std::size_t before = again.size();
    std::visit(Packer{again}, *element);
    at += float32 ? 0 : again.size() - before;
    if (float32) return 0;
  }
  WEIR_CHECK(again == bytes);
  for (std::size_t max = 1; max <= size && max < 12; ++max) {
    const std::string bound = bounded_above(bytes, max);
    WEIR_CHECK(bound.size() <= max);
    WEIR_CHECK(bound >= bytes);
  }
  return 0;
}
