//! What `doctor` tells is what builds and proves this project.
