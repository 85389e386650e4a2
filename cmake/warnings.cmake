# Every target of ours links ronda_options: the language level, the warnings and, in the sanitizer
# presets, the sanitizers. Third-party headers are SYSTEM and never warn.
add_library(ronda_options INTERFACE)
target_include_directories(ronda_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(ronda_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wundef)
# GCC 12 wants every field of a designated initialiser named; ours have defaults.
target_compile_options(ronda_options INTERFACE -Wno-missing-field-initializers)
if(RONDA_WERROR)
  target_compile_options(ronda_options INTERFACE -Werror)
endif()
# Asserts guard invariants of the planner and the transaction: they stay on in release.
target_compile_options(ronda_options INTERFACE -UNDEBUG)
target_compile_definitions(ronda_options INTERFACE RONDA_VERSION="${PROJECT_VERSION}")
if(RONDA_SANITIZE)
  target_compile_options(ronda_options INTERFACE
    -fsanitize=${RONDA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ronda_options INTERFACE -fsanitize=${RONDA_SANITIZE})
endif()
