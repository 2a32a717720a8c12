// All commands of the tool, in the order in which help lists them.
#ifndef LARDER_TOOL_COMMANDS_COMMANDS_HPP
#define LARDER_TOOL_COMMANDS_COMMANDS_HPP

#include <span>

#include "tool/command.hpp"

namespace larder::tool {

extern const command ls_command, info_command, stats_command, stat_command, top_command;
extern const command get_command, put_command, erase_command, touch_command;
extern const command dump_command, watch_command, bigkeys_command, hotkeys_command, histogram_command;
extern const command slabs_command, clients_command, check_command, report_command;
extern const command create_command, rm_command, help_command, complete_command;

[[nodiscard]] std::span<const command* const> all_commands() noexcept;

// nullptr if there is none of that name.
[[nodiscard]] const command* find_command(std::string_view name) noexcept;

// Throws failure(usage) if there is none.
[[nodiscard]] const command& command_called(std::string_view name);

// Its options as they are declared, those that all commands have included.
[[nodiscard]] po::options_description options_of(const command& which);

[[nodiscard]] std::string help_of(const command& which);
[[nodiscard]] std::string overview();

}  // namespace larder::tool

#endif  // LARDER_TOOL_COMMANDS_COMMANDS_HPP
