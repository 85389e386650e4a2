# Every target of ours links ronda_options: the language level, the warnings and, in the sanitizer
# presets, the sanitizers. Third-party headers are SYSTEM and never warn.
add_library(ronda_options INTERFACE)
# The language level and the folder go with the installed library; the warnings do not.
target_compile_features(ronda_options INTERFACE cxx_std_23)
target_include_directories(ronda_options INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/ronda>)
# GCC 12 wants every field of a designated initialiser named; ours have defaults.
set(RONDA_WARNINGS
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wundef -Wno-missing-field-initializers)
if(RONDA_WERROR)
  list(APPEND RONDA_WARNINGS -Werror)
endif()
# Asserts guard invariants of the planner and the transaction: they stay on in release.
target_compile_options(ronda_options INTERFACE "$<BUILD_INTERFACE:${RONDA_WARNINGS};-UNDEBUG>")
target_compile_definitions(ronda_options INTERFACE
  $<BUILD_INTERFACE:RONDA_VERSION="${PROJECT_VERSION}">)
if(RONDA_SANITIZE)
  target_compile_options(ronda_options INTERFACE
    -fsanitize=${RONDA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ronda_options INTERFACE -fsanitize=${RONDA_SANITIZE})
endif()
