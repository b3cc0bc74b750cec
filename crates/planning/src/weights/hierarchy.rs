//! A hierarchy of criteria: weights of the levels multiply.

use std::collections::BTreeSet;

use crate::mistake::Mistake;
use crate::problem::Problem;

/// A criterion, or a group of them with weights among themselves.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A criterion of the matrix.
    Leaf {
        /// Its id.
        id: String,
    },
    /// A group.
    Group {
        /// Its name.
        id: String,
        /// Its members with their weights within the group, on any positive scale.
        members: Vec<(f64, Node)>,
    },
}

/// The weight of every criterion under the whole tree, in the tree's order, adding up to 1.
///
/// # Errors
/// Every empty group, negative weight, group whose weights are all zero, and criterion that stands twice: all at
/// once, with the path to each.
pub fn leaf_weights(root: &Node) -> Result<Vec<(String, f64)>, Vec<Problem>> {
    let (mut leaves, mut problems) = (Vec::new(), Vec::new());
    walk(root, 1.0, "", &mut leaves, &mut problems);
    let mut seen = BTreeSet::new();
    for (id, _) in &leaves {
        if !seen.insert(id.as_str()) {
            problems.push(Problem::new(id.clone(), Mistake::StandsTwice));
        }
    }
    if problems.is_empty() {
        Ok(leaves)
    } else {
        Err(problems)
    }
}

fn walk(node: &Node, weight: f64, path: &str, leaves: &mut Vec<(String, f64)>, problems: &mut Vec<Problem>) {
    let (id, members) = match node {
        Node::Leaf { id } => return leaves.push((id.clone(), weight)),
        Node::Group { id, members } => (id, members),
    };
    let path = if path.is_empty() {
        id.clone()
    } else {
        format!("{path}.{id}")
    };
    if members.is_empty() {
        problems.push(Problem::new(path, Mistake::EmptyGroup));
        return;
    }
    let weights: Vec<f64> = members.iter().map(|(weight, _)| *weight).collect();
    if weights
        .iter()
        .any(|weight| !(*weight >= 0.0 && weight.is_finite()))
    {
        problems.push(Problem::new(path.clone(), Mistake::BadMemberWeight));
    } else if weights.iter().sum::<f64>() <= 0.0 {
        problems.push(Problem::new(path.clone(), Mistake::NoMemberWeight));
    }
    for ((_, member), share) in members.iter().zip(super::shares(&weights)) {
        walk(member, weight * share, &path, leaves, problems);
    }
}
