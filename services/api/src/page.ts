import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

const FOLDER = fileURLToPath(new URL('../page/', import.meta.url));

/** The plain page: static files that talk to `/api/v1`. */
export function pageRoutes(): Router {
  const router = Router();
  router.use('/page', express.static(FOLDER, { maxAge: 0, redirect: false }));
  router.get('/', (_request, response) => {
    response.sendFile('index.html', { root: FOLDER });
  });
  return router;
}
