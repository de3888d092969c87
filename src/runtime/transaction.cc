#include "runtime/transaction.h"

#include "base/check.h"

namespace weir::runtime {

std::string_view name_of(HeadState state) {
  switch (state) {
    case HeadState::kIdle: return "idle";
    case HeadState::kExtend: return "extend";
    case HeadState::kFlush: return "flush";
    case HeadState::kInline: return "inline";
    case HeadState::kStore: return "store";
    case HeadState::kCompose: return "compose";
    case HeadState::kStartCommit: return "start commit";
    case HeadState::kPersistCommit: return "persist commit";
  }
  return "?";
}

std::string_view name_of(TailState state) {
  switch (state) {
    case TailState::kDone: return "done";
    case TailState::kAcknowledge: return "acknowledge";
    case TailState::kRelease: return "release";
  }
  return "?";
}

std::string_view name_of(Step step) {
  switch (step) {
    case Step::kRead: return "read";
    case Step::kWait: return "wait";
    case Step::kFlush: return "flush";
    case Step::kPersist: return "persist";
    case Step::kStore: return "store";
    case Step::kCompose: return "compose";
    case Step::kStartCommit: return "start commit";
    case Step::kPersistCommit: return "persist commit";
    case Step::kAcknowledge: return "acknowledge";
    case Step::kRelease: return "release";
    case Step::kStopped: return "stopped";
  }
  return "?";
}

Next Transaction::next(const View& view) const {
  if (tail_ == TailState::kAcknowledge) return {Step::kAcknowledge, {}};
  if (tail_ == TailState::kRelease) return {Step::kRelease, {}};
  switch (head_) {
    case HeadState::kIdle:
      if (view.stopping) return {Step::kStopped, {}};
      if (view.documents_waiting) return {Step::kRead, {}};
      if (view.empty_commit_wanted) return {Step::kFlush, {}};
      return {Step::kWait, {}};
    case HeadState::kExtend: return next_of_extend(view);
    case HeadState::kFlush: return {Step::kFlush, {}};
    case HeadState::kInline:
      // Whatever is still owed inline is told before a row of this transaction can be seen.
      if (view.inline_owed) return {Step::kWait, {}};
      return {terms_.runtime_holds_checkpoint ? Step::kPersist : Step::kStore, {}};
    case HeadState::kStore: return {Step::kStore, {}};
    case HeadState::kCompose: return {Step::kCompose, {}};
    case HeadState::kStartCommit: return {Step::kStartCommit, {}};
    case HeadState::kPersistCommit: return {Step::kPersistCommit, {}};
  }
  return {Step::kWait, {}};
}

Next Transaction::next_of_extend(const View& view) const {
  if (!view.at_boundary) return {Step::kRead, {}};
  const auto elapsed = view.now - started_;
  const bool full = view.bytes_combined >= terms_.bytes_max || elapsed >= terms_.max_duration;
  if (view.stopping || full) return {Step::kFlush, {}};
  // Under backlog the transaction grows; caught up, it closes at once.
  if (view.documents_waiting) return {Step::kRead, {}};
  if (elapsed >= terms_.min_duration) return {Step::kFlush, {}};
  return {Step::kWait, started_ + terms_.min_duration};
}

void Transaction::read(std::size_t documents, Instant now) {
  WEIR_CHECK(head_ == HeadState::kIdle || head_ == HeadState::kExtend);
  if (head_ == HeadState::kIdle && documents > 0) {
    head_ = HeadState::kExtend;
    started_ = now;
  }
}

void Transaction::done(Step step) {
  switch (step) {
    case Step::kFlush:
      // From idle: an empty transaction, which only carries the entry onward.
      WEIR_CHECK(head_ == HeadState::kExtend || head_ == HeadState::kIdle);
      WEIR_CHECK(tail_ == TailState::kDone);
      head_ = HeadState::kInline;
      return;
    case Step::kPersist:
      WEIR_CHECK(head_ == HeadState::kInline);
      head_ = HeadState::kStore;
      return;
    case Step::kStore:
      WEIR_CHECK(head_ == HeadState::kStore || head_ == HeadState::kInline);
      head_ = HeadState::kCompose;
      return;
    case Step::kCompose:
      WEIR_CHECK(head_ == HeadState::kCompose);
      head_ = HeadState::kStartCommit;
      return;
    case Step::kStartCommit:
      WEIR_CHECK(head_ == HeadState::kStartCommit);
      head_ = HeadState::kPersistCommit;
      return;
    case Step::kPersistCommit:
      WEIR_CHECK(head_ == HeadState::kPersistCommit);
      head_ = HeadState::kIdle;
      tail_ = TailState::kAcknowledge;
      return;
    case Step::kAcknowledge:
      WEIR_CHECK(tail_ == TailState::kAcknowledge);
      tail_ = recovered_ ? TailState::kRelease : TailState::kDone;
      recovered_ = true;
      return;
    case Step::kRelease:
      WEIR_CHECK(tail_ == TailState::kRelease);
      tail_ = TailState::kDone;
      return;
    case Step::kRead:
    case Step::kWait:
    case Step::kStopped: WEIR_CHECK(false);
  }
}

}  // namespace weir::runtime
