/** The explorer's first operations. They run as they stand, in this order. */
export const welcome = `# Put the cursor in an operation and press Ctrl-Enter (or the play button) to run it.

# 1. Make an account. You are signed in as well: this page keeps the tokens and sends them for you.
#    Whoever has an account already signs in at the top of the page, or with Login.
mutation Register {
  register(input: {
    username: "ada"
    email: "ada@example.com"
    password: "a long walk on the beach"
  }) {
    session { accessToken refreshToken expiresIn scope username role }
    errors { path code message }
  }
}

mutation Login {
  login(input: { identifier: "ada", password: "a long walk on the beach" }) {
    session { accessToken refreshToken expiresIn scope username role }
    errors { path code message }
  }
}

# 2. Make a task, and list yours.
mutation CreateTask {
  createTask(input: { title: "Water the plants", priority: HIGH, notes: "Only I can read this" }) {
    task { id title status priority notes }
    errors { path code message }
  }
}

query Tasks {
  tasks(first: 10, orderBy: { field: CREATED_AT }) {
    totalCount
    nodes { id title status priority notes dueAt owner { username } }
    pageInfo { hasNextPage endCursor }
  }
}

query Me {
  me { id username displayName email role }
}

# 3. Without a token: sign out at the top of the page and run Tasks again.
#    To act with a token of your own (from another client, say), put it into the Headers pane below:
#    { "Authorization": "Bearer …" }
`;
