// Which items of a segment a command is about, as its options say: key_filter by the key alone, filter by all that is known
// of an item.
#ifndef LARDER_TOOL_FILTER_HPP
#define LARDER_TOOL_FILTER_HPP

#include <boost/regex.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "tool/command.hpp"
#include "tool/source/item_copy.hpp"

namespace larder::tool {

void declare_key_filter_options(po::options_description& options);  // --prefix, --glob, --regex
void declare_filter_options(po::options_description& options);      // these and more

class key_filter {
 public:
  // Throws failure(usage).
  explicit key_filter(const request& asked);

  // Throws failure(usage) if the regular expression is too hard for the key.
  [[nodiscard]] bool accepts(std::string_view key) const;
  [[nodiscard]] bool is_all() const noexcept { return prefix_.empty() && !glob_ && !regex_; }

 private:
  std::string prefix_;
  std::optional<std::string> glob_;
  std::optional<boost::regex> regex_;
};

class filter {
 public:
  // Throws failure(usage).
  explicit filter(const request& asked);

  [[nodiscard]] bool accepts(const item_facts& item, std::uint64_t now) const;

 private:
  struct range {
    std::uint64_t least = 0;
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    [[nodiscard]] bool holds(std::uint64_t n) const noexcept { return n >= least && n <= most; }
    [[nodiscard]] bool is_all() const noexcept {
      return least == 0 && most == std::numeric_limits<std::uint64_t>::max();
    }
  };

  bool everything_ = true;  // that is alive
  bool expired_ = false;
  key_filter keys_;
  range ttl_, size_, age_;
  bool only_forever_ = false;
  std::optional<std::uint64_t> cell_;
  std::optional<bool> hit_;
  std::optional<std::uint32_t> keyspace_;
};

// Shell patterns: * any bytes, ? one byte, [a-z] one of these, [!a-z] none of these, \ the next byte itself.
[[nodiscard]] bool matches_glob(std::string_view pattern, std::string_view text) noexcept;

}  // namespace larder::tool

#endif  // LARDER_TOOL_FILTER_HPP
