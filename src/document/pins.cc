#include "document/pins.h"

#include <cstring>

#include "json/host/document_parser.h"

namespace weir::document {

DocumentRef keep_document(json::Arena& arena, std::string_view text, std::size_t spare) {
  const std::size_t room = text.size() + spare + json::kDocumentPadding;
  char* bytes = arena.array<char>(room);
  std::memcpy(bytes, text.data(), text.size());
  std::memset(bytes + text.size(), 0, room - text.size());
  return {bytes, static_cast<std::uint32_t>(text.size()), DocumentRef::kOwned};
}

std::uint32_t Pins::use_other(const Buffer& buffer) {
  if (current_ != kNone && pinned_[current_].documents == 0) drop(current_);
  const auto [found, added] = by_address_.try_emplace(buffer.get(), 0);
  if (added) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(pinned_.size()));
      pinned_.emplace_back();
    }
    found->second = free_.back();
    free_.pop_back();
    pinned_[found->second] = {buffer, buffer->capacity(), 0, 0};
    bytes_ += buffer->capacity();
  }
  current_ = found->second;
  return current_;
}

void Pins::drop(std::uint32_t pin) {
  Pinned& pinned = pinned_[pin];
  by_address_.erase(pinned.buffer.get());
  bytes_ -= pinned.bytes;
  pinned = {};
  free_.push_back(pin);
  if (pin == current_) current_ = kNone;
}

std::size_t Pins::wasted_bytes() const {
  std::size_t wasted = 0;
  for (const Pinned& pinned : pinned_) {
    if (pinned.document_bytes * 2 < pinned.bytes) wasted += pinned.bytes - pinned.document_bytes;
  }
  return wasted;
}

void Pins::clear() {
  pinned_.clear();
  free_.clear();
  by_address_.clear();
  current_ = kNone;
  bytes_ = 0;
}

}  // namespace weir::document
