// Parsing as events, so that every reader (our own, simdjson, yaml-cpp; in a browser other parsers)
// feeds the same consumers. TreeBuilder makes a Value of them.
#pragma once

#include "base/result.h"
#include "json/value.h"

namespace weir::json {

inline constexpr std::size_t kDepthMax = 128;

// Receives one value. A false return stops the parse. Texts are valid only during the call and are
// valid UTF-8; the text of a number is a JSON number.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual bool null(Place) = 0;
  virtual bool boolean(bool value, Place) = 0;
  virtual bool number(std::string_view text, Place) = 0;
  virtual bool string(std::string_view text, Place) = 0;
  virtual bool begin_array(Place) = 0;
  virtual bool end_array() = 0;
  virtual bool begin_object(Place) = 0;
  virtual bool name(std::string_view name, Place) = 0;
  virtual bool end_object() = 0;
};

enum class Duplicates { kRefuse, kLastWins };

// Makes a Value whose bytes are all in the arena, with the place of each value and name.

class TreeBuilder : public Handler {
 public:
  explicit TreeBuilder(Arena& arena, Duplicates duplicates = Duplicates::kRefuse);
  bool null(Place) override;
  bool boolean(bool value, Place) override;
  bool number(std::string_view text, Place) override;
  bool string(std::string_view text, Place) override;
  bool begin_array(Place) override;
  bool end_array() override;
  bool begin_object(Place) override;
  bool name(std::string_view name, Place) override;
  bool end_object() override;
  // After a complete value. After a false return of a call, error() says why.
  Value take();
  const std::string& error() const { return error_; }
  Place error_place() const { return error_place_; }

 private:
  bool add(Value value, Place place);
  bool fail(std::string message, Place place);
  bool begin(bool object, Place place);
  bool settle_duplicates(std::size_t start);
  struct Frame {
    bool object;
    Place place;
    std::size_t start;
  };
  Arena& arena_;
  Duplicates duplicates_;
  std::vector<Frame> frames_;
  std::vector<Value> values_;
  std::vector<Member> members_;
  std::vector<std::pair<std::string_view, Place>> names_;
  bool done_ = false;
  Value root_;
  std::string error_;
  Place error_place_;
};

// A problem of syntax, with its place.
struct SyntaxError {
  Place place;
  std::string message;
};

// Our own strict RFC 8259 parser: positions, duplicate names, depth; for catalogs, schemas and
// messages. Documents of journals go through json/host/document_parser.h instead.
tl::expected<Value, SyntaxError> parse(std::string_view text, Arena& arena,
                                       Duplicates duplicates = Duplicates::kRefuse);
// The same, handing events to a consumer that keeps what it wants. A handler that returns false
// stops the parse; `stopped` says so, and then the place is that of the event.
struct EventError {
  SyntaxError error;
  bool stopped = false;
};
tl::expected<void, EventError> parse_events(std::string_view text, Handler& handler);
// parse() as an Error: "line:column: message".
Result<Value> parse_text(std::string_view text, Arena& arena,
                         Duplicates duplicates = Duplicates::kRefuse);
Result<Tree> parse_tree(std::string_view text, Duplicates duplicates = Duplicates::kRefuse);

}  // namespace weir::json
