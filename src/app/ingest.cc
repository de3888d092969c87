#include "app/ingest.h"

#include <unistd.h>

#include <charconv>

#include "app/document_check.h"
#include "app/output.h"
#include "app/post_body.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::string_view kInputName = "body";
constexpr int kRetrySoon = 1;  // seconds

// "body:3:14: message" taken apart; without a place it stays whole.
std::string take_place(std::string_view message, ErrorPlace& place) {
  std::string_view rest = message;
  if (!rest.starts_with(kInputName) || rest.size() <= kInputName.size() + 1)
    return std::string(message);
  rest.remove_prefix(kInputName.size() + 1);  // and the colon
  if (rest.front() == ' ') rest.remove_prefix(1);
  std::uint64_t numbers[2] = {};
  for (std::uint64_t& number : numbers) {
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (failure != std::errc() || end == rest.data() + rest.size() || *end != ':')
      return std::string(message);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  }
  place.line = numbers[0];
  place.column = numbers[1];
  return std::string(message);
}

io::ServerResponse with_retry_after(io::ServerResponse response, int seconds) {
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

// The body is not what it says it is, or a document is bad: nothing was written.
io::ServerResponse bad_body(const Error& error, const std::string& message,
                            const ErrorPlace& place) {
  const int status = error.code == Code::kLimit                    ? 413
                     : error.code == Code::kCorrupt || !place.line ? 400
                                                                   : 422;
  return error_response(status, name_of(error.code), message, place);
}

io::ServerResponse failed(const Error& error, const PostBody& body, ErrorPlace place) {
  const std::string message = take_place(error.message, place);
  if (body.failure()) return bad_body(*body.failure(), message, place);
  switch (error.code) {
    case Code::kInvalid:
    case Code::kLimit: return bad_body(error, message, place);
    case Code::kRefused:
      return with_retry_after(error_response(503, name_of(error.code), message), kRetrySoon);
    case Code::kFull: return error_response(507, name_of(error.code), message);
    case Code::kUnknown:
      return with_retry_after(
          error_response(503, name_of(error.code),
                         message +
                             "; nobody knows whether the batch counts: only a post with the same "
                             "Idempotency-Key tells"),
          kRetrySoon);
    case Code::kUnavailable:
      return with_retry_after(error_response(503, name_of(error.code), message), kRetrySoon);
    default: return error_response(500, name_of(error.code), message);
  }
}

io::ServerResponse appended(const std::string& collection, const journal::Appended& done) {
  JsonRows rows;
  rows.begin();
  rows.text("collection", collection);
  rows.text("journal", journal::default_journal_of(collection));
  rows.number("documents", done.documents);
  rows.flag("already_there", done.already_there);
  rows.number("unacknowledged", done.unacknowledged);
  rows.number("begin", done.begin);
  rows.number("end", done.end);
  return {.status = done.already_there ? 200 : 202,
          .headers = {{"Content-Type", "application/json"}},
          .body = JsonRows::line(rows) + "\n"};
}

}  // namespace

io::ServerResponse error_response(int status, std::string_view code, std::string_view message,
                                  const ErrorPlace& place) {
  JsonRows rows;
  rows.begin();
  rows.text("error", message);
  rows.text("code", code);
  if (place.line) rows.number("line", *place.line);
  if (place.column) rows.number("column", *place.column);
  if (place.pointer) rows.text("pointer", *place.pointer);
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}},
          .body = JsonRows::line(rows) + "\n"};
}

io::ServerResponse not_admitted(const Error& error) {
  switch (error.code) {
    case Code::kNotFound: return error_response(404, "not_found", error.message);
    case Code::kRefused: return error_response(409, "read_from_files", error.message);
    default:
      return with_retry_after(error_response(429, name_of(error.code), error.message), kRetrySoon);
  }
}

struct Ingest::Lane {
  std::string name;
  std::shared_ptr<const catalog::Collection> collection;  // nullptr: it left the catalog
  std::deque<Post> posts;
  bool busy = false;  // a worker has it
  Counts counts;
  // Of the worker that has the lane.
  std::shared_ptr<const catalog::Collection> checked_by;
  std::optional<DocumentChecker> checker;
  journal::CsvTypes csv;
  Random random{random_seed()};
  std::unique_ptr<journal::Appender> appender;
};

Ingest::Ingest(IngestOptions options, Collections collections) : options_(std::move(options)) {
  set_collections(std::move(collections));
  for (unsigned i = 0; i < kIngestWorkers; ++i)
    workers_.emplace_back("weir-ingest", [this] { work(); });
}

Ingest::~Ingest() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  workers_.clear();
}

void Ingest::set_collections(Collections collections) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, lane] : lanes_) {
    if (!collections.contains(name)) lane->collection = nullptr;
  }
  for (auto& [name, collection] : collections) {
    std::shared_ptr<Lane>& lane = lanes_[name];
    if (lane == nullptr) lane = std::make_shared<Lane>();
    lane->name = name;
    lane->collection = std::make_shared<const catalog::Collection>(std::move(collection));
  }
}

Status Ingest::admit(const std::string& collection) const {
  const std::lock_guard lock(mutex_);
  return admit_locked(collection);
}

Status Ingest::admit_locked(const std::string& collection) const {
  const auto lane = lanes_.find(collection);
  if (lane == lanes_.end() || lane->second->collection == nullptr) {
    std::vector<std::string_view> names;
    for (const auto& [name, known] : lanes_) {
      if (known->collection != nullptr) names.push_back(name);
    }
    return error(Code::kNotFound, "the catalog has no collection \"{}\"{}", collection,
                 did_you_mean(collection, names));
  }
  WEIR_RETURN_IF_ERROR(check_appendable(*lane->second->collection));
  if (waiting_ < options_.posts_waiting_max) return {};
  return error(Code::kUnavailable, "{} posts wait to be appended already; try again", waiting_);
}

void Ingest::post(const std::string& collection, Post request) {
  {
    const std::lock_guard lock(mutex_);
    const Status admitted = admit_locked(collection);
    if (admitted) {
      const std::shared_ptr<Lane>& lane = lanes_.at(collection);
      lane->posts.push_back(std::move(request));
      ++waiting_;
      // One that a worker has comes back to the line when the worker is done with a post.
      if (lane->posts.size() == 1 && !lane->busy) ready_.push_back(lane);
      changed_.notify_one();
      return;
    }
    request->answer(not_admitted(admitted.error()));
  }
}

void Ingest::work() {
  for (;;) {
    std::shared_ptr<Lane> lane;
    Post post;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !ready_.empty(); });
      if (ready_.empty()) return;
      lane = std::move(ready_.front());
      ready_.pop_front();
      lane->busy = true;
      post = std::move(lane->posts.front());
      lane->posts.pop_front();
    }
    post->answer(append(*lane, *post));
    post.reset();
    const std::lock_guard lock(mutex_);
    --waiting_;
    lane->busy = false;
    if (!lane->posts.empty()) {
      ready_.push_back(std::move(lane));
      changed_.notify_one();
    }
  }
}

io::ServerResponse Ingest::append(Lane& lane, io::PendingRequest& post) {
  std::shared_ptr<const catalog::Collection> collection;
  {
    const std::lock_guard lock(mutex_);
    collection = lane.collection;
  }
  const auto broken = [](int status, const Error& error) {
    return error_response(status, name_of(error.code), error.message);
  };
  if (collection == nullptr)
    return error_response(404, "not_found", fmt::format("{} left the catalog", lane.name));
  if (const Status appendable = check_appendable(*collection); !appendable)
    return not_admitted(appendable.error());
  if (lane.checked_by != collection) {
    auto checker = DocumentChecker::make(collection->spec);
    if (!checker) return broken(500, checker.error());
    lane.checker = *std::move(checker);
    lane.csv = csv_types(collection->spec);
    lane.checked_by = collection;
  }
  if (lane.appender == nullptr) {
    journal::AppenderOptions options;
    options.root = options_.journals;
    options.journal = journal::default_journal_of(lane.name);
    options.clock = options_.clock;
    options.random = &lane.random;
    options.owner = fmt::format("weir run --http, process {}", ::getpid());
    options.lock_wait = options_.lock_wait;
    auto opened = journal::Appender::open(options);
    if (!opened) return broken(opened.error().code == Code::kFull ? 507 : 500, opened.error());
    lane.appender = *std::move(opened);
  }
  const auto csv = says_csv(post.request().header("content-type"));
  if (!csv) return broken(415, csv.error());
  const auto encoding = body_encoding(post.request().header("content-encoding"));
  PostBody body(post.body(), encoding.value_or(BodyEncoding::kPlain),
                *csv ? lane.csv : journal::CsvTypes());
  ErrorPlace place;
  journal::AppendOptions batch;
  batch.batch_id = post.request().header(kBatchIdHeader);
  batch.input_name = kInputName;
  batch.check = [&](std::string_view, const json::Value& root) {
    std::string pointer;
    const Status fine = lane.checker->check(root, &pointer);
    if (!fine) place.pointer = std::move(pointer);
    return fine;
  };
  const auto done = lane.appender->append(body.source(), batch);
  if (!done) {
    io::ServerResponse response = failed(done.error(), body, std::move(place));
    if (response.status >= 500)
      log(LogLevel::kWarn, done.error().message, {{"collection", lane.name}});
    return response;
  }
  const std::lock_guard lock(mutex_);
  ++(done->already_there ? lane.counts.repeated : lane.counts.batches);
  lane.counts.documents += done->documents;
  return appended(lane.name, *done);
}

std::size_t Ingest::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

std::map<std::string, Ingest::Counts> Ingest::counts() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, Counts> all;
  for (const auto& [name, lane] : lanes_) {
    if (lane->collection != nullptr && !lane->collection->files) all[name] = lane->counts;
  }
  return all;
}

}  // namespace weir::app
