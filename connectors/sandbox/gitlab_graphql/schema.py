"""Schema: the types and fields of GitLab 19.2 that are served here, with the vendor's names, arguments and nullability (docs.gitlab.com/api/graphql/reference)."""

from __future__ import annotations

from graphql import build_schema

SCHEMA = build_schema(
    """
    scalar Time
    scalar NoteID
    scalar DiscussionID

    enum NotesFilterType { ALL_NOTES ONLY_COMMENTS ONLY_ACTIVITY }

    type Query {
      project(fullPath: ID!): Project
      queryComplexity: QueryComplexity
    }

    type QueryComplexity { limit: Int score: Int }

    type Project {
      id: ID!
      fullPath: ID!
      name: String!
      mergeRequests(iids: [String!], after: String, before: String, first: Int, last: Int): MergeRequestConnection
    }

    type MergeRequest {
      id: ID!
      iid: String!
      title: String!
      userNotesCount: Int
      updatedAt: Time!
      approved: Boolean!
      approvalsLeft: Int
      approvalsRequired: Int
      approvedBy(after: String, before: String, first: Int, last: Int): UserCoreConnection
      commits(after: String, before: String, first: Int, last: Int): CommitConnection
      notes(filter: NotesFilterType = ALL_NOTES, after: String, before: String, first: Int, last: Int): NoteConnection!
    }

    type Note {
      id: NoteID!
      noteableType: String!
      body: String!
      author: UserCore
      createdAt: Time!
      updatedAt: Time!
      system: Boolean!
      internal: Boolean
      resolvable: Boolean!
      resolved: Boolean!
      discussion: Discussion
    }

    type Discussion { id: DiscussionID! }

    type UserCore { id: ID! username: String! name: String! bot: Boolean! }

    type Commit { sha: String! title: String message: String }

    type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }

    type MergeRequestConnection { nodes: [MergeRequest] pageInfo: PageInfo! }
    type NoteConnection { nodes: [Note] pageInfo: PageInfo! }
    type CommitConnection { nodes: [Commit] pageInfo: PageInfo! }
    type UserCoreConnection { nodes: [UserCore] pageInfo: PageInfo! }
    """
)
