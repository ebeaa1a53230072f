# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has the Node that is wanted: the packaged one is left out.
RUN npm ci --omit=dev --omit=optional

FROM node:24-bookworm-slim
# Without DATABASE_URL the server refuses to start, unless EMBEDDED_DATABASE=yes: then keep the volume.
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
RUN install -d -o node -g node /app/.data
USER node
VOLUME /app/.data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 4000) + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# As `npm run start:production` does: memory that is free is given back (docs/performance.md).
ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1048576
# Node is process 1, so that it receives SIGTERM itself.
CMD ["node", "--max-semi-space-size=16", "dist/src/main.js"]
