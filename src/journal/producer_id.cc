#include "journal/producer_id.h"

#include <algorithm>

#include "base/text.h"
#include "io/file.h"

namespace weir::journal {
namespace {

constexpr std::size_t kFileBytesMax = 64;

Result<document::Producer> read_producer(const std::string& path) {
  WEIR_TRY(std::string text, io::read_file(path, kFileBytesMax));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  const auto bytes = from_hex(text);
  document::Producer producer;
  if (!bytes || bytes->size() != producer.size() || ((*bytes)[0] & 1) == 0)
    return error(
        Code::kCorrupt,
        "{} is no producer id (12 hex digits, the second one odd); restore it, or remove it "
        "to begin a new one",
        path);
  std::copy(bytes->begin(), bytes->end(), producer.begin());
  return producer;
}

}  // namespace

Result<document::Producer> producer_of_root(const std::string& root, Random& random) {
  const std::string path = root + "/.producer";
  auto known = read_producer(path);
  if (known || known.error().code != Code::kNotFound) return known;
  // Under a lock, so that nobody reads an id that another replaces.
  WEIR_TRY(const auto lock,
           io::LockFile::acquire(root + "/.producer-lock", "an append that makes the producer id",
                                 std::chrono::seconds(10)));
  known = read_producer(path);
  if (known || known.error().code != Code::kNotFound) return known;
  std::string bytes;
  for (std::uint64_t chance = random.next(); bytes.size() < document::Producer{}.size();
       chance >>= 8)
    bytes += static_cast<char>(chance & 0xff);
  bytes[0] = static_cast<char>(bytes[0] | 1);
  WEIR_RETURN_IF_ERROR(io::write_file_atomically(path, hex_lower(bytes) + "\n"));
  return read_producer(path);
}

}  // namespace weir::journal
